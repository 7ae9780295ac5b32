{{ stage('project_staff') }}
