{{ stage('employer_year') }}
