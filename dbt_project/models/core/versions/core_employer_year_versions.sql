{{ core_versions('employer_year') }}
