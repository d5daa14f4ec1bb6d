"""What lies under models/evaluations, typed. Pages, reports and the command line read it here."""
