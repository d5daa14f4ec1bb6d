"""What is kept: original bytes, and the examinations made of them."""
