-- Publishing takes turns, so that no two publishers declare one skill's version with different schemas.
LOCK TABLE skill_schemas IN SHARE ROW EXCLUSIVE MODE
