{{ stage('summary') }}
