{{ stage('employer') }}
