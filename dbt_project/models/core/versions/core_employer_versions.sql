{{ core_versions('employer') }}
