{{ known('funding') }}
