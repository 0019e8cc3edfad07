"""The shelf of scenes 场景: one folder of data each (``scene.toml`` and its tables). They know ``gangmu.sdk`` alone and
nobody knows them; deleting a folder removes the scene."""
