"""What the investigator sees. The only place that imports streamlit; it draws what `pipeline` found."""
