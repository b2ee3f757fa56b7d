"""The deep checks, run as `python3 tests/deep`."""
