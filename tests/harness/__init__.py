"""What the tests that Python drives share. Knows pytest in fixtures.py alone."""
