"""The classifier as a web service: requests in JSON are gathered into batches for one thread that runs the model."""
