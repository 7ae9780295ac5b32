{{ known('exam') }}
