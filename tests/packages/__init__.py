"""The tests of what is published."""
