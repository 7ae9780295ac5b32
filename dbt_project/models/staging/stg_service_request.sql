{{ stage('service_request') }}
