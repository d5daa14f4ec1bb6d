"""What is said of verdicts, figures and maps, in plain text: the markdown and the HTML are the front ends'."""
