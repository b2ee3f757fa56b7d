"""The tests of the sandbox's page, run as `python3 tests/browser`."""
