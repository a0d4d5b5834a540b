"""What trainings see: photographs, pairs, crops."""
