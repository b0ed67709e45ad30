"""How fast and how large feedbackclf is, beside its peers; `make bench` runs it and writes README.md."""
