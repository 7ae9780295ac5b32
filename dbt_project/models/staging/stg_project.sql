{{ stage('project') }}
