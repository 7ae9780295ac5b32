{{ known('training_session') }}
