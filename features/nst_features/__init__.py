"""Feature networks and the statistics of style that teacher and student share."""
