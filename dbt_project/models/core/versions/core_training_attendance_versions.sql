{{ core_versions('training_attendance') }}
