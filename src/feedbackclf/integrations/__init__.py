"""feedbackclf inside other libraries, one file each. Nothing else imports these."""
