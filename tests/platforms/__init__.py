"""The library on the machines and C libraries that it is for."""
