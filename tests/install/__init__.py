"""The tests of an installed copy."""
