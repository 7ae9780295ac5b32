{{ stage('task') }}
