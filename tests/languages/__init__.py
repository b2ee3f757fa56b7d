"""The bindings of other languages, run."""
