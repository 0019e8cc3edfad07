"""All that a plug-in may import. It grows with the first scene, connector and algorithm that need it."""
