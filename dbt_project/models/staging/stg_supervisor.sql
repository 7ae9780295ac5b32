{{ stage('supervisor') }}
