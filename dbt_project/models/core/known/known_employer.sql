{{ known('employer') }}
