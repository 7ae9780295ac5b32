{{ known('labour_cost') }}
