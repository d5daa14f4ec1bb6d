"""Pictures of photos, faces and maps, as pages, reports and the command line show them."""
