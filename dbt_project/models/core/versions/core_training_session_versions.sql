{{ core_versions('training_session') }}
