"""One page a file, found by scanning: TITLE, ICON, GROUP, ORDER and render(). Views never import views."""
