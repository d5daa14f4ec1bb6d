"""Whether all that a case tells still holds, item by item, and signed times of its log."""
