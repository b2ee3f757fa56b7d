"""What the tests that Python drives share. Knows nothing of pytest; tests/conftest.py does."""
