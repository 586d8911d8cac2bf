"""Records of a built dataset as one JSONL file in the form that a trainer reads, and what to tell the trainer."""
