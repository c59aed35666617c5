// Generated from the migrations: do not edit. `npm run generate` renews it.

export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

export type Database = {
  public: {
    Tables: {
      user_profiles: {
        Row: {
          created_at: string;
          current_organization_id: string | null;
          deactivated_at: string | null;
          deactivated_by: string | null;
          deactivation_reason: string | null;
          display_name: string;
          is_active: boolean;
          last_seen_at: string | null;
          platform_role: 'user' | 'superadmin';
          preferences: NonNullable<Json>;
          sso_provider: string | null;
          sso_user_id: string | null;
          updated_at: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          current_organization_id?: string | null;
          deactivated_at?: string | null;
          deactivated_by?: string | null;
          deactivation_reason?: string | null;
          display_name: string;
          is_active?: boolean;
          last_seen_at?: string | null;
          platform_role?: 'user' | 'superadmin';
          preferences?: NonNullable<Json>;
          sso_provider?: string | null;
          sso_user_id?: string | null;
          updated_at?: string;
          user_id: string;
        };
        Update: {
          created_at?: string;
          current_organization_id?: string | null;
          deactivated_at?: string | null;
          deactivated_by?: string | null;
          deactivation_reason?: string | null;
          display_name?: string;
          is_active?: boolean;
          last_seen_at?: string | null;
          platform_role?: 'user' | 'superadmin';
          preferences?: NonNullable<Json>;
          sso_provider?: string | null;
          sso_user_id?: string | null;
          updated_at?: string;
          user_id?: string;
        };
        Relationships: [];
      };
    };
    Views: {
      [_ in never]: never;
    };
    Functions: {
      check_user_integrity: {
        Args: Record<PropertyKey, never>;
        Returns: Database['public']['CompositeTypes']['user_integrity_problem'][];
        SetofOptions: {
          from: '*';
          to: 'user_integrity_problem';
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      claim_jobs: {
        Args: { quantity?: number; queue: string; visibility_seconds?: number };
        Returns: {
          attempt: number;
          enqueued_at: string;
          kind: string;
          message_id: number;
          payload: Json;
        }[];
      };
      complete_jobs: { Args: { message_ids: number[]; queue: string }; Returns: number };
      custom_access_token_hook: { Args: { event: Json }; Returns: Json };
      deactivate_user: {
        Args: { id: string; reason: string };
        Returns: Database['public']['CompositeTypes']['user_account'];
        SetofOptions: {
          from: '*';
          to: 'user_account';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      dead_letters: {
        Args: { queue: string };
        Returns: Database['public']['CompositeTypes']['dead_letter'][];
        SetofOptions: {
          from: '*';
          to: 'dead_letter';
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      delete_user: { Args: { id: string }; Returns: undefined };
      fail_job: {
        Args: { attempt?: number; error: string; is_final?: boolean; message_id: number; queue: string };
        Returns: string;
      };
      get_user: {
        Args: { id: string };
        Returns: Database['public']['CompositeTypes']['user_account'];
        SetofOptions: {
          from: '*';
          to: 'user_account';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      is_superadmin: { Args: Record<PropertyKey, never>; Returns: boolean };
      jobs_overview: {
        Args: Record<PropertyKey, never>;
        Returns: Database['public']['CompositeTypes']['job_queue_overview'][];
        SetofOptions: {
          from: '*';
          to: 'job_queue_overview';
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      list_users: {
        Args: { page?: number; per_page?: number; role?: string; search?: string; status?: string };
        Returns: Database['public']['CompositeTypes']['user_page'];
        SetofOptions: {
          from: '*';
          to: 'user_page';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      reactivate_user: {
        Args: { id: string };
        Returns: Database['public']['CompositeTypes']['user_account'];
        SetofOptions: {
          from: '*';
          to: 'user_account';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      replay_dead_letters: { Args: { message_ids?: number[]; queue: string }; Returns: number };
      run_user_sync_job: { Args: { message_id: number }; Returns: boolean };
      sync_user_profiles: {
        Args: { dry_run?: boolean };
        Returns: Database['public']['CompositeTypes']['user_sync_report'];
        SetofOptions: {
          from: '*';
          to: 'user_sync_report';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      update_user: {
        Args: { display_name?: string; id: string; platform_role?: string; preferences?: Json };
        Returns: Database['public']['CompositeTypes']['user_account'];
        SetofOptions: {
          from: '*';
          to: 'user_account';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      waiting_queues: { Args: Record<PropertyKey, never>; Returns: string[] };
    };
    Enums: {
      [_ in never]: never;
    };
    CompositeTypes: {
      dead_letter: {
        message_id: number;
        kind: string | null;
        payload: Json | null;
        error: string | null;
        attempts: number | null;
        died_at: string | null;
      };
      job_queue_overview: {
        queue: string;
        waiting: number;
        delayed: number;
        in_progress: number;
        failing: number;
        dead_letters: number;
        oldest_waiting_seconds: number;
        last_failed_at: string | null;
        last_error: string | null;
      };
      user_account: {
        id: string;
        email: string | null;
        phone: string | null;
        display_name: string;
        platform_role: 'user' | 'superadmin';
        is_active: boolean;
        last_sign_in_at: string | null;
        created_at: string | null;
        profile_status: 'present' | 'missing';
      };
      user_integrity_problem: {
        problem:
          | 'user_without_profile'
          | 'profile_without_user'
          | 'duplicate_profile'
          | 'dangling_reference'
          | 'reference_not_validated'
          | 'undeclared_reference'
          | 'missing_trigger'
          | 'disabled_trigger';
        object: string;
        user_id: string | null;
        detail: string;
        remedy: string;
      };
      user_page: {
        users: Database['public']['CompositeTypes']['user_account'][];
        total: number;
        page: number;
        per_page: number;
      };
      user_sync_report: {
        total_auth_users: number;
        existing_profiles: number;
        missing_profiles: number;
        created_profiles: number;
        failed_creations: number;
        duration_ms: number;
      };
    };
  };
};

type DatabaseWithoutInternals = Omit<Database, '__InternalSupabase'>;

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, 'public'>];

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    keyof (DefaultSchema['Tables'] & DefaultSchema['Views']) | { schema: keyof DatabaseWithoutInternals },
  TableName extends (DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables'] &
        DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Views'])
    : never) = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables'] &
      DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Views'])[TableName] extends {
      Row: infer R;
    }
    ? R
    : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema['Tables'] & DefaultSchema['Views'])
    ? (DefaultSchema['Tables'] & DefaultSchema['Views'])[DefaultSchemaTableNameOrOptions] extends {
        Row: infer R;
      }
      ? R
      : never
    : never;

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends
    keyof DefaultSchema['Tables'] | { schema: keyof DatabaseWithoutInternals },
  TableName extends (DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables']
    : never) = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables'][TableName] extends {
      Insert: infer I;
    }
    ? I
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema['Tables']
    ? DefaultSchema['Tables'][DefaultSchemaTableNameOrOptions] extends {
        Insert: infer I;
      }
      ? I
      : never
    : never;

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends
    keyof DefaultSchema['Tables'] | { schema: keyof DatabaseWithoutInternals },
  TableName extends (DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables']
    : never) = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables'][TableName] extends {
      Update: infer U;
    }
    ? U
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema['Tables']
    ? DefaultSchema['Tables'][DefaultSchemaTableNameOrOptions] extends {
        Update: infer U;
      }
      ? U
      : never
    : never;

export type Enums<
  DefaultSchemaEnumNameOrOptions extends
    keyof DefaultSchema['Enums'] | { schema: keyof DatabaseWithoutInternals },
  EnumName extends (DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions['schema']]['Enums']
    : never) = never,
> = DefaultSchemaEnumNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions['schema']]['Enums'][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema['Enums']
    ? DefaultSchema['Enums'][DefaultSchemaEnumNameOrOptions]
    : never;

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    keyof DefaultSchema['CompositeTypes'] | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends (PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions['schema']]['CompositeTypes']
    : never) = never,
> = PublicCompositeTypeNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions['schema']]['CompositeTypes'][CompositeTypeName]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema['CompositeTypes']
    ? DefaultSchema['CompositeTypes'][PublicCompositeTypeNameOrOptions]
    : never;

export const Constants = {
  public: {
    Enums: {},
  },
} as const;

/** The values of `user_account.profile_status`. */
export const userAccountProfileStatus = ['present', 'missing'] as const;

/** The values of `user_integrity_problem.problem`. */
export const userIntegrityProblemProblem = [
  'user_without_profile',
  'profile_without_user',
  'duplicate_profile',
  'dangling_reference',
  'reference_not_validated',
  'undeclared_reference',
  'missing_trigger',
  'disabled_trigger',
] as const;

/** The values of `user_profiles.platform_role`. */
export const userProfilesPlatformRole = ['user', 'superadmin'] as const;
