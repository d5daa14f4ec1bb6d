"""What a file holds beside its picture, read once for all signals, and what is known of such words."""
