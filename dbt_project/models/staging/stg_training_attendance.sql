{{ stage('training_attendance') }}
