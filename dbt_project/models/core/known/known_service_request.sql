{{ known('service_request') }}
