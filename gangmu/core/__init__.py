"""The core platform (核心平台): the event and its closed loop, dispatch, verification, intake."""
