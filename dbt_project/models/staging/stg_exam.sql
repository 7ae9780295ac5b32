{{ stage('exam') }}
