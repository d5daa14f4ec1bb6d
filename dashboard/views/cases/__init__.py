"""Cases: photos of one matter kept for good, the list of cases, one case as a whole, one photo of it."""
