{{ stage('training_session') }}
