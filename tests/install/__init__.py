"""The tests of an installed copy, run as `python3 tests/install`."""
