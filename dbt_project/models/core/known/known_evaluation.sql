{{ known('evaluation') }}
