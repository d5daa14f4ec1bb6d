"""The networks that find faces: MediaPipe's BlazeFace and Face Mesh, and a small RetinaFace for groups.

Third-party files, bundled unchanged; FACES.md tells where each came from and its licence.
"""
