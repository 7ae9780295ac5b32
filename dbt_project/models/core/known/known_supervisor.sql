{{ known('supervisor') }}
