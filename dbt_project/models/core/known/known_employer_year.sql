{{ known('employer_year') }}
