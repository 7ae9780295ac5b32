{{ known('summary') }}
