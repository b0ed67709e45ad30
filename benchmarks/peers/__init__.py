"""What else one would use for the same job; each module has the commands `train` and `predict`."""
