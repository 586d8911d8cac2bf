"""Single steps of a training: the ways to compute them, and where their time goes."""
